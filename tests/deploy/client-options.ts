import { REGION } from '../../local/stack/aws/names.ts';

/** What every AWS client needs that speaks with the emulator. */
export const clientOptions = (endpoint: string) => ({
  endpoint,
  region: REGION,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});
