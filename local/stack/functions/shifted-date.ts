const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/**
 * Replaces the global `Date` by one whose present is shifted by `offsetMs`, so that code which asks for the time sees the
 * stack's clock without knowing of it. Answers real time.
 */
export function shiftDate(offsetMs: () => number): () => number {
  const RealDate = Date;
  const now = (): number => RealDate.now() + offsetMs();
  const realNow = RealDate.now.bind(RealDate);
  // A proxy and not a subclass: `Date()` without `new` is legal too, and every date stays a plain one.
  const ShiftedDate = new Proxy(RealDate, {
    construct: (target, given: unknown[], newTarget) => {
      const made: unknown = Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget);
      return isObject(made) ? made : target;
    },
    apply: () => new RealDate(now()).toString(),
    get: (target, key, receiver): unknown => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  });
  RealDate.prototype.constructor = ShiftedDate;
  globalThis.Date = ShiftedDate;
  return realNow;
}
