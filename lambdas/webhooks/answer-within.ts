/**
 * How the work ended, or `late` when it takes longer: the vendor then comes again. Whatever the work still stores is no harm, since
 * saying a thing twice says it once; how it ends after all is nobody's news any more. @param ms until when somebody still listens
 */
export async function answerWithin<T>(ms: number, work: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
