import { explainFailure } from '../run/explain-failure.ts'

/**
 * Runs a command with the arguments of this process. `--help` prints the usage, and a failure is explained on standard
 * error. The exit code is the number that `work` resolves with, or 0 without a number.
 *
 * @param codeOf gives the exit code when `work` throws.
 */
export async function runFromTerminal(
  usage: string,
  work: (args: readonly string[]) => Promise<unknown>,
  codeOf: (error: unknown) => number = () => 1,
): Promise<void> {
  const args = process.argv.slice(2)
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${usage}\n`)
    return
  }
  try {
    const code = await work(args)
    if (typeof code === 'number') process.exitCode = code
  } catch (error) {
    process.stderr.write(`${explainFailure(error, usage)}\n`)
    process.exitCode = codeOf(error)
  }
}
