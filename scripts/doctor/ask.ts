import { connect } from 'node:tls';
import { lookup } from 'node:dns/promises';

export interface Answer {
  status: number;
  headers: Headers;
  /** `undefined` when the body is no JSON. */
  json: unknown;
  /** When it was asked and when it was answered, ms since the epoch, by this machine. */
  askedAtMs: number;
  answeredAtMs: number;
}

/** Asks over HTTP as somebody outside would; redirects are not followed. @throws when nobody answers in time */
export type Ask = (url: string, how?: { method?: string; body?: URLSearchParams }) => Promise<Answer>;

const ANSWER_WITHIN_MS = 15_000;

export const askOverHttp: Ask = async (url, how = {}) => {
  const askedAtMs = Date.now();
  const response = await fetch(url, {
    method: how.method ?? 'GET',
    ...(how.body && { body: how.body }),
    redirect: 'manual',
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  const answeredAtMs = Date.now();
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, json, askedAtMs, answeredAtMs };
};

/** What a host shows to those who look it up and connect to it. */
export interface HostView {
  addresses(host: string): Promise<string[]>;
  /** When its certificate ends, ms since the epoch. @throws when the certificate is not trusted */
  certificateEnd(host: string, port: number): Promise<number>;
}

export const lookAtHosts: HostView = {
  addresses: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  certificateEnd: (host, port) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host, port, servername: host, timeout: ANSWER_WITHIN_MS }, () => {
        const { valid_to } = socket.getPeerCertificate();
        socket.end();
        resolve(Date.parse(valid_to));
      });
      socket.once('error', reject);
      socket.once('timeout', () => socket.destroy(new Error('no answer')));
    }),
};
