import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

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

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function makeAnswerSeal(pepper: () => Promise<{ pepper: string }>): AnswerSeal {
  const mac = async (tenantId: string, purpose: 'key' | 'request' | 'answer', text: string): Promise<Buffer> => {
    const key = hkdfSync('sha256', (await pepper()).pepper, '', `illixis/idempotency/v1/${purpose}/${tenantId}`, 32);
    return createHmac('sha256', Buffer.from(key)).update(text).digest();
  };
  return {
    digest: async (tenantId, purpose, text) => (await mac(tenantId, purpose, text)).toString('hex'),
    async seal(tenantId, request, answer) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, await mac(tenantId, 'answer', request), nonce);
      const sealed = Buffer.concat([cipher.update(answer, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
    },
    async open(tenantId, request, sealed) {
      const bytes = Buffer.from(sealed, 'base64');
      const key = await mac(tenantId, 'answer', request);
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
    },
  };
}
