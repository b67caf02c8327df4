import { links, ok, type ApiCall, type Route } from './api-call.ts';
import { isoSeconds } from './dates.ts';
import { bookOf } from './member-book.ts';
import { listsOf } from './state.ts';

/** https://mailchimp.com/developer/marketing/api/root/ and https://mailchimp.com/developer/marketing/api/ping/ */
export const accountRoutes: readonly Route[] = [
  { method: 'GET', path: '/', handle: (call) => ok(accountRoot(call)) },
  { method: 'GET', path: '/ping', handle: () => ok({ health_status: "Everything's Chimpy!" }) },
];

function accountRoot({ sim, account }: ApiCall): object {
  const subscribers = listsOf(sim, account).reduce((sum, list) => sum + bookOf(list).count('subscribed'), 0);
  return {
    account_id: account.id,
    login_id: String(account.loginId),
    account_name: account.name,
    email: account.email,
    first_name: account.firstName,
    last_name: account.lastName,
    username: account.email,
    avatar_url: '',
    role: account.role,
    member_since: isoSeconds(account.memberSince),
    pricing_plan_type: account.pricingPlanType,
    first_payment: '',
    account_timezone: 'Europe/Copenhagen',
    account_industry: 'Restaurant',
    contact: { company: account.name, addr1: '4 Harbor Lane', addr2: '', city: 'Aarhus', state: '', zip: '8000', country: 'DK' },
    pro_enabled: account.proEnabled,
    last_login: isoSeconds(sim.now()),
    total_subscribers: subscribers,
    ...(sim.state.settings.rootWithoutEndpoint ? {} : { dc: account.dc, api_endpoint: account.apiEndpoint }),
    industry_stats: { open_rate: 0.301, bounce_rate: 0.006, click_rate: 0.021 },
    _links: links(account, '/'),
  };
}
