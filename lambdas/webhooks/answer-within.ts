/**
 * The status of the work, or 503 when it takes longer: the vendor then comes again. Whatever the work still stores is no harm, since
 * saying a thing twice says it once. @param ms until when somebody still listens
 */
export async function answerWithin(ms: number, work: Promise<number>, onLate: () => void): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<number>((resolve) => {
    timer = setTimeout(() => {
      onLate();
      resolve(503);
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
