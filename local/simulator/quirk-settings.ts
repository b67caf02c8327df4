import * as z from 'zod';
import { DEFAULT_COUNT } from './paging.ts';

/** As the vendor does it, until somebody wants an API without surprises. */
const surprising = z.boolean().default(true);

/** The switches that exist for the sake of a quirk; `quirks/` says what each of them does to a client. */
export const quirkSettings = {
  // connecting
  metadataAnswers200: surprising,
  expiresInZero: surprising,
  nullScope: surprising,
  omitTokenType: surprising,
  omitRefreshToken: surprising,
  /** 0 lets tokens live for ever. */
  tokenLifetimeMs: z.number().min(0).default(0),
  singleUseCodes: surprising,
  exactRedirectUris: surprising,
  noRevocation: surprising,
  endpointWithoutVersion: surprising,
  rootWithoutEndpoint: surprising,
  // transport
  refusePlainHttp: surprising,
  overrideOnPostOnly: surprising,
  triggerErrors: surprising,
  instanceIsRequestId: surprising,
  emptyDates: surprising,
  fieldsDropTotal: surprising,
  fieldsExclusive: surprising,
  sloppyBooleans: surprising,
  exclusiveBounds: surprising,
  untypedMemberErrors: surprising,
  htmlGatewayErrors: surprising,
  akamaiErrors: surprising,
  // limits
  defaultCount: z.number().int().min(0).default(DEFAULT_COUNT),
  clampCount: surprising,
  limitPerUser: surprising,
  throttleStatus: z.union([z.literal(429), z.literal(403)]).default(429),
  omitRetryAfter: surprising,
  /** Longer calls are cut; 0 lets them take their time. */
  callLimitMs: z.number().min(0).default(120_000),
  bulkLimit: z.number().int().positive().default(500),
  bulkErrorsInside: surprising,
  // lists and members
  listRatesInPercent: surprising,
  /** Smaller mailings do not move `campaign_last_sent`. */
  countedSendSize: z.number().int().min(0).default(10),
  totalContactsOnRequest: surprising,
  hideArchived: surprising,
  deleteArchives: surprising,
  refuseSomeDeletes: surprising,
  rememberForgotten: surprising,
  enforceCompliance: surprising,
  pendingPassesCompliance: surprising,
  postRefusesExisting: surprising,
  refuseExampleDomains: surprising,
  sinceNeedsStatus: surprising,
  lowerCaseIds: surprising,
  unfilteredAbuseReports: surprising,
  // webhooks
  validateHookUrls: surprising,
  ignoreHookQuery: surprising,
  secretOnce: surprising,
  omittedFlagsAreOff: surprising,
  formEncodedWebhooks: surprising,
  firedAtWithoutZone: surprising,
  retryWebhooks: surprising,
  signEachAttempt: surprising,
  disableOn410: surprising,
  campaignEventsIgnoreSources: surprising,
  echoOwnChanges: surprising,
  uniqueIdInWebhooks: surprising,
  bareUpemail: surprising,
  profileWithUpemail: surprising,
  bareCleaned: surprising,
  archiveAction: z.enum(['delete', 'archive']).default('delete'),
  maskForgotten: surprising,
  hooksOutliveTokens: surprising,
  // campaigns
  acceptUnverifiedSenders: surprising,
  silentSendRefusals: surprising,
  silentScheduleRefusals: surprising,
  quarterHoursOnly: surprising,
  refuseSecondSend: surprising,
  refuseDeleteWhileSending: surprising,
  cancelNeedsPro: surprising,
  analyticsBytes: z.number().int().positive().default(50),
  narrowStatusFilter: surprising,
  webIdIsNoId: surprising,
  refuseFreeMailDomains: surprising,
  // reports
  hideUnsentReports: surprising,
  lateReactions: surprising,
  reportsIgnoreList: surprising,
  respellReportTypes: surprising,
  reportsOutliveLists: surprising,
};
