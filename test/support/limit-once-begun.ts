/**
 * Runs a command that ends only by its time limit, and had time to begin: with a longer limit for a machine that is
 * too busy for a short one.
 *
 * @param run carries it out with a limit in milliseconds.
 * @param hasBegun whether it has done what comes before its wait.
 */
export async function limitOnceBegun<T>(
  run: (limitMs: number) => Promise<T>,
  hasBegun: (result: T) => boolean | Promise<boolean>,
): Promise<T> {
  for (let limitMs = 1000; ; limitMs *= 4) {
    const result = await run(limitMs)
    if (limitMs > 60_000 || (await hasBegun(result))) return result
  }
}
