/** The stage that is deployed. No name of a disposable one, so that everything a live stage has is deployed too. */
export const STAGE = 'local';

/** Whose scripts may call the deployed API. */
export const CONSOLE_ORIGIN = 'https://console.example.test';
