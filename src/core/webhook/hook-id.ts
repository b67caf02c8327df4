import { newId, sha256 } from '../shared/ids.ts';

export interface HookConfig {
  publicBaseUrl: string;
  deploymentId: string;
  webhookPath: string;
}

const deploymentPrefix = (deploymentId: string): string => `hook_${deploymentId}`;

/**
 * Ids begin with the deployment and the tenant: a staging copy, or another tenant of the same account, neither answers
 * nor removes these hooks.
 */
export const hookPrefix = ({ deploymentId }: Pick<HookConfig, 'deploymentId'>, tenantId: string): string =>
  `${deploymentPrefix(deploymentId)}${sha256(tenantId).slice(0, 8)}`;

/** Whether a hook was made by this deployment, and not by the one whose table was copied. */
export const isOwnHook = ({ deploymentId }: Pick<HookConfig, 'deploymentId'>, hookId: string): boolean =>
  hookId.startsWith(deploymentPrefix(deploymentId));

export const newHookId = (config: HookConfig, tenantId: string, now: number): string =>
  newId('hook', now).replace('hook_', hookPrefix(config, tenantId));

/** Vendors refuse two hooks whose URLs differ only in the query, so the path is unique as well. */
export const hookUrl = ({ publicBaseUrl, webhookPath }: HookConfig, hookId: string, secret: string): string =>
  `${publicBaseUrl}${webhookPath}/${hookId}/?secret=${secret}`;

export const hookIdIn = (url: string): string | undefined => /\/(hook_[0-9A-Za-z]+)\/?(?:\?|$)/.exec(url)?.[1];
