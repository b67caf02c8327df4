import { expect, it } from '@jest/globals';
import { parseDelivery } from '../../../../src/providers/mailchimp/mailchimp-webhook.ts';

it.each(['2026-09-21 14:13:20', '2026-09-21T14:13:20Z', '2026-09-21T14:13:20'])(
  'a delivery may tell its time as %j',
  (fired_at) => {
    const body = new URLSearchParams({ type: 'cleaned', fired_at, 'data[email]': 'mona@x.test' });
    expect(parseDelivery(Buffer.from(body.toString()))).toMatchObject({ at: '2026-09-21T14:13:20.000Z' });
  },
);
