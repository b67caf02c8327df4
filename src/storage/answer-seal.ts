import { createHmac, hkdfSync } from 'node:crypto';
import { openText, sealText } from './sealed-text.ts';

/**
 * How answers are kept under an Idempotency-Key. An answer may repeat what the request said, such as an address, so it is
 * encrypted under a key that follows from the request itself, which is not kept: only who sends the same request again can
 * have it opened. Keys and requests are kept as keyed digests, because short ones could be guessed from a plain hash.
 */
export interface AnswerSeal {
  digest(tenantId: string, purpose: 'key' | 'request', text: string): Promise<string>;
  seal(tenantId: string, request: string, answer: string): Promise<string>;
  /** @throws Error when it was sealed for another tenant or request */
  open(tenantId: string, request: string, sealed: string): Promise<string>;
}

export function makeAnswerSeal(pepper: () => Promise<{ pepper: string }>): AnswerSeal {
  const mac = async (tenantId: string, purpose: 'key' | 'request' | 'answer', text: string): Promise<Buffer> => {
    const key = hkdfSync('sha256', (await pepper()).pepper, '', `illixis/idempotency/v1/${purpose}/${tenantId}`, 32);
    return createHmac('sha256', Buffer.from(key)).update(text).digest();
  };
  return {
    digest: async (tenantId, purpose, text) => (await mac(tenantId, purpose, text)).toString('hex'),
    seal: async (tenantId, request, answer) => sealText(await mac(tenantId, 'answer', request), answer),
    open: async (tenantId, request, sealed) => openText(await mac(tenantId, 'answer', request), sealed),
  };
}
