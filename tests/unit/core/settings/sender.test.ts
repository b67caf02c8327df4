import { describe, expect, it } from '@jest/globals';
import { domainOf, resolveSender } from '../../../../src/core/settings/sender.ts';
import { NO_SETTINGS } from '../../../../src/core/settings/settings.ts';
import { aTenant } from '../../../support/factories.ts';

describe('resolveSender', () => {
  it.each([
    ['news@set.test', 'o@own.test', 'own.test', { email: 'news@set.test', rule: 'setting' }],
    [null, 'o@own.test', 'own.test', { email: 'o@own.test', rule: 'owner' }],
    ['', 'o@own.test', 'own.test', { email: 'o@own.test', rule: 'owner' }],
    [null, '', 'own.test', { email: 'hello@own.test', rule: 'domain' }],
    [null, '', null, { email: 'newsletter@harborlane.com', rule: 'slug' }],
    ['news@set.test', '', null, { email: 'news@set.test', rule: 'setting' }],
  ])('with setting %j, owner %j and domain %j', (senderEmail, ownerEmail, domain, wanted) => {
    expect(resolveSender(aTenant({ ownerEmail, domain }), { ...NO_SETTINGS, senderEmail })).toEqual(wanted);
  });
});

describe('domainOf', () => {
  it('takes what is behind the last at sign, in lower case', () => {
    expect(domainOf('"a@b"@HarborLane.TEST')).toBe('harborlane.test');
  });
});
