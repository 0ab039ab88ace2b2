import './compile-cache.js'
import type { Backspace } from './backspace.ts'
import type { Config } from './config.ts'

/** Running runs get this long to finish after SIGTERM before they are handed over. */
const GRACE_MS = 20_000
/** Then whatever still hangs is left alone: the database knows everything, and others take over what was not handed. */
const LAST_MS = 28_000

async function main(): Promise<void> {
  const stopAsked = Promise.withResolvers<NodeJS.Signals>()
  // Supervisors ask more than once, some the whole group of processes: the second time must not end it on the spot.
  process.on('SIGTERM', stopAsked.resolve)
  // Whoever presses Ctrl-C twice does not want to wait.
  process.once('SIGINT', stopAsked.resolve)
  void stopAsked.promise.then(leaveInTime)
  // Not at the top of the file: whatever is imported there is compiled before the cache is there.
  const { readConfig } = await import('./config.ts')
  const config = readConfig()
  const { createBackspace } = await import('./backspace.ts')
  const backspace = await createBackspace(config)
  void backspace.crashed.then((error) => giveUp(backspace, error))
  // Who is stopped while it still starts waits for that no longer than for anything else.
  await Promise.race([begin(backspace, config), stopAsked.promise])
  backspace.logger.info({ signal: await stopAsked.promise }, 'stopping')
  await stop(backspace)
}

async function begin(backspace: Backspace, config: Config): Promise<void> {
  await backspace.start()
  for (const warning of warnings(config)) backspace.logger.warn(warning)
}

/** Nothing can be written down any more: whoever starts this process again gets back what was. */
function giveUp({ logger }: Backspace, error: unknown): void {
  logger.fatal(
    { err: error },
    'The embedded database has crashed; mostly the disk that DATA_DIR is on is full. Start the service again: nothing that was confirmed is lost.',
  )
  process.exit(1)
}

function leaveInTime(): void {
  setTimeout(() => {
    process.stderr.write('Something did not let itself be closed in time.\n')
    process.exit(0)
  }, LAST_MS).unref()
}

async function stop(backspace: Backspace): Promise<void> {
  try {
    await backspace.stop(GRACE_MS)
    process.exit(0)
  } catch (error) {
    backspace.logger.error({ err: error }, 'could not stop cleanly')
    process.exit(1)
  }
}

function warnings({ github, role, web }: Config): string[] {
  const found: string[] = []
  if (!github.app && !github.pat)
    found.push('GitHub is not set up, so no run can start. `npm run doctor` says what to set.')
  if (role === 'worker' && !web.publicUrl)
    found.push('PUBLIC_URL is not set, so links in comments lead to this worker, which shows no runs.')
  return found
}

main().catch(async (error: unknown) => {
  const { knownError } = await import('./errors.ts')
  const known = knownError(error)
  process.stderr.write(`${known?.userMessage ?? (error instanceof Error ? error.message : String(error))}\n`)
  process.exit(1)
})
