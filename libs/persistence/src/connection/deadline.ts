/**
 * The result of the work, unless it takes longer than `msMax`: then rejects with what `late`
 * makes. The work itself goes on and its result is ignored.
 */
export async function withDeadline<T>(
  work: Promise<T>,
  msMax: number,
  late: () => Error,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(late());
    }, msMax);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
