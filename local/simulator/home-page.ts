import { page } from './consent-page.ts';
import type { World } from './world.ts';

/** What a person sees who opens the simulator in a browser. */
export function homePage({ sim }: World): string {
  const { accounts, lists, campaigns } = sim.state;
  return page(
    'Mailchimp simulator',
    `<h1>Mailchimp simulator</h1>
<p>An offline stand-in for Mailchimp. It sends no mail and talks to nobody but the webhooks you register.</p>
<p>${accounts.length} account(s), ${Object.keys(lists).length} audience(s), ${Object.keys(campaigns).length} campaign(s);
simulated time ${new Date(sim.now()).toISOString()}.</p>
<ul>
<li><code>/oauth2/authorize</code>, <code>/oauth2/token</code>, <code>/oauth2/metadata</code></li>
<li><code>/3.0</code>: the Marketing API</li>
<li><a href="/_control">/_control</a>: what can be arranged and made to fail</li>
<li><a href="/_control/state">/_control/state</a>: what there is now</li>
<li><a href="/_control/calls">/_control/calls</a>: what was called</li>
</ul>`,
  );
}
