import { describe, expect, it } from '@jest/globals';
import { apiKeyFacts, campaignFacts, connectionFacts, settingsFacts } from '../../../lambdas/shared/audit-facts.ts';
import { addSuppressionBody, liftSuppressionBody } from '../../../src/contract/suppression.ts';
import { suppressionRoutes } from '../../../src/contract/suppression-routes.ts';
import { aCampaign, aConnection, TENANT } from '../../support/factories.ts';
import { openApi } from '../../support/open-api.ts';

const TEXT = 'Write to Gone@X.test today';
const KEPT = 'Write to [address] today';

describe('free text that is kept', () => {
  it('holds no address in the audit trail', () => {
    expect(campaignFacts(aCampaign({ subject: TEXT }))).toMatchObject({ subject: KEPT });
    expect(apiKeyFacts({ name: TEXT, role: 'viewer' })).toEqual({ name: KEPT, role: 'viewer' });
    expect(connectionFacts(aConnection({ accountName: TEXT }))).toMatchObject({ accountName: KEPT });
  });

  it('leaves the address of the sender to the settings, which is no contact', () => {
    const settings = {
      tenantId: TENANT,
      senderEmail: 'ines@harborlane.test',
      senderName: TEXT,
      defaultPlatform: null,
      timezone: null,
      undoWindowSeconds: 0,
      version: 1,
    };
    expect(settingsFacts(settings)).toMatchObject({ senderEmail: 'ines@harborlane.test', senderName: KEPT });
  });

  it('holds none in the browser that asked, nor in the name of the key that did', async () => {
    const api = openApi(undefined, 'The key of gone@x.test');
    const headers = { 'user-agent': 'Fetcher/1.0 (gone@x.test)' };
    const apiKey = api.keyOf['owner'] ?? '';
    await api.answer('createApiKey', { apiKey, body: { name: 'ci', role: 'editor' }, headers });
    expect(api.entries()).toMatchObject([{ userAgent: 'Fetcher/1.0 ([address])', actor: { name: 'The key of [address]' } }]);
  });

  it('holds none as the reason of a suppression or of a lift, wherever it was given', () => {
    expect(addSuppressionBody.parse({ email: 'a@x.test', reason: TEXT })).toEqual({ email: 'a@x.test', reason: KEPT });
    expect(liftSuppressionBody.parse({ reason: TEXT })).toEqual({ reason: KEPT });
    expect(suppressionRoutes.liftSuppression.query.parse({ reason: TEXT })).toEqual({ reason: KEPT });
  });
});
