import * as z from 'zod';

/**
 * The `fields` that ask for exactly what a schema reads, as dotted names from the top of the answer. What an answer's schema
 * does not name is not sent, and a name that is read cannot be forgotten, such as `total_items`.
 * https://mailchimp.com/developer/marketing/docs/methods-parameters/#partial-response
 */
export const fieldsOf = (schema: z.ZodType): string => namesIn(schema, '').join(',');

function namesIn(schema: unknown, name: string): string[] {
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).flatMap(([key, inner]) => namesIn(inner, name === '' ? key : `${name}.${key}`));
  if (schema instanceof z.ZodArray) return namesIn(schema.element, name);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return namesIn(schema.unwrap(), name);
  return [name];
}
