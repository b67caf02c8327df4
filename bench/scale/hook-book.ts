import type { VendorWebhook } from './model-vendor.ts';

/** The webhooks of one account at the vendor, by list: those that its kind begins with, until it has other ones. */
export class HookBook {
  private own: Map<string, readonly VendorWebhook[]> | undefined;
  private made = 0;
  private readonly base: HookBook | undefined;
  private readonly rename: (text: string) => string;

  constructor(base?: HookBook, rename: (text: string) => string = (text) => text) {
    [this.base, this.rename] = [base, rename];
  }

  of(listId: string): readonly VendorWebhook[] {
    const own = this.own?.get(listId);
    if (own) return own;
    return (this.base?.of(listId) ?? []).map((hook) => ({ ...hook, url: this.rename(hook.url) }));
  }

  replace(listId: string, hooks: readonly VendorWebhook[]): void {
    this.own ??= new Map();
    this.own.set(listId, hooks);
  }

  /** The number of a new hook. */
  next(): number {
    return ++this.made + (this.base?.made ?? 0);
  }
}
