import { expect, it } from '@jest/globals';
import * as z from 'zod';
import { fieldsOf } from '../../../../src/providers/mailchimp/fields-of.ts';
import { listsAnswer, membersAnswer } from '../../../../src/providers/mailchimp/mailchimp-schemas.ts';

it('asks for what a schema reads, through lists, optional parts and changed values', () => {
  const schema = z.object({
    rows: z.array(
      z.object({
        id: z.string().transform(Number),
        settings: z.object({ title: z.string().nullish() }).nullish(),
        flags: z.record(z.string(), z.boolean()),
      }),
    ),
    total_items: z.number(),
  });
  expect(fieldsOf(schema)).toBe('rows.id,rows.settings.title,rows.flags,total_items');
});

it('asks for the count with every page', () => {
  expect(fieldsOf(membersAnswer)).toBe(
    'members.id,members.email_address,members.last_changed,members.unsubscribe_reason,total_items',
  );
  expect(fieldsOf(listsAnswer)).toMatch(/lists\.stats\.unsubscribe_count,.*total_items$/);
});
