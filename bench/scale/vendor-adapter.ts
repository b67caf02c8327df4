import { setMaxListeners } from 'node:events';
import axios, { AxiosHeaders } from 'axios';
import { indexOfToken } from './tenant-names.ts';
import type { VendorCall } from './vendor-answers.ts';

/** @returns the answer's JSON, after the time that the vendor takes */
export type Vendor = (index: number, call: VendorCall) => Promise<{ json: unknown; now: number }>;

/**
 * Puts a vendor in memory in the place of the network for everything that axios is asked for, and takes real time out of
 * time-outs: the model's time is not that of the machine.
 * @returns what undoes it
 */
export function installVendor(vendor: Vendor): () => void {
  const { adapter } = axios.defaults;
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  const never = new AbortController().signal;
  setMaxListeners(0, never);
  AbortSignal.timeout = () => never;
  axios.defaults.adapter = async (config) => {
    const headers = AxiosHeaders.from(config.headers);
    const token = String(headers.get('Authorization')).slice('Bearer '.length);
    const params: unknown = config.params;
    const { json, now } = await vendor(indexOfToken(token), {
      method: (config.method ?? 'get').toUpperCase(),
      path: config.url ?? '',
      params: typeof params === 'object' && params !== null ? { ...params } : {},
      data: config.data,
    });
    return {
      data: json === undefined ? '' : JSON.stringify(json),
      status: json === undefined ? 204 : 200,
      statusText: '',
      headers: { date: new Date(now).toUTCString() },
      config,
    };
  };
  return () => {
    if (adapter) axios.defaults.adapter = adapter;
    AbortSignal.timeout = timeout;
  };
}
