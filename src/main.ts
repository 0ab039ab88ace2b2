import type { Backspace } from './backspace.ts'
import type { Config } from './config.ts'

/** How long before the kill the process stops its runs, so that another worker can take them over. */
const HAND_OVER_MS = 10_000
/** How long before the kill the process exits, even if something hangs; another worker then takes over the runs. */
const EXIT_MS = 2_000
/** The time between SIGTERM and the kill, until the settings are read. */
const USUAL_GRACE_MS = 10_000
/** How long runs get to finish before the service restarts with what the setup page stored. */
const RENEW_MS = 1_000

/** Runs the service until it is stopped; ends the process. */
export async function main(): Promise<void> {
  await serve().catch(giveReason)
}

async function serve(): Promise<void> {
  let graceMs = USUAL_GRACE_MS
  const stopAsked = Promise.withResolvers<NodeJS.Signals>()
  // Supervisors may send SIGTERM twice, or to the whole process group; the second must not kill us mid-shutdown.
  process.on('SIGTERM', stopAsked.resolve)
  // The second Ctrl-C ends the process at once.
  process.once('SIGINT', stopAsked.resolve)
  void stopAsked.promise.then(() => leaveAfter(graceMs - EXIT_MS))
  // Imported here because a static import would be compiled before the compile cache is on.
  const { readConfig } = await import('./config.ts')
  const { createBackspace } = await import('./backspace.ts')
  let config = readConfig()
  graceMs = config.graceSeconds * 1000
  let backspace = await createBackspace(config, {}, { say })
  for (;;) {
    const { crashed, outdated, logger } = backspace
    void crashed.then((error) => giveUp(logger, error))
    // A stop during start-up must not wait for start-up to finish.
    const started = begin(backspace, config)
    const signal = await Promise.race([started.then(() => outdated), stopAsked.promise])
    if (signal !== undefined) {
      logger.info({ signal }, 'stopping')
      return stop(backspace, Math.max(0, graceMs - HAND_OVER_MS))
    }
    logger.info('the setup page stored the App: starting again with it')
    const from = await backspace.handOver(RENEW_MS)
    config = readConfig()
    graceMs = config.graceSeconds * 1000
    backspace = await createBackspace(config, {}, { say, from })
  }
}

/** Writes to the terminal and never to a log, since the text may hold a secret for the person who started the process. */
function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

async function begin(backspace: Backspace, config: Config): Promise<void> {
  await backspace.start()
  const { findOpenEnvFiles } = await import('./config.ts')
  for (const warning of warnings(config, findOpenEnvFiles())) backspace.logger.warn(warning)
  const missing = await backspace.missingSandboxes()
  if (missing !== undefined) backspace.logger.warn(missing)
}

/** Exits, because the process can store nothing any more. A restart finds everything that was confirmed. */
function giveUp(logger: Backspace['logger'], error: unknown): void {
  logger.fatal(
    { err: error },
    'The embedded database has crashed, most likely because the disk of DATA_DIR is full. Free some space and start the service again: everything that was confirmed is still there.',
  )
  process.exit(1)
}

function leaveAfter(ms: number): void {
  setTimeout(() => {
    process.stderr.write('Shutdown timed out; exiting anyway.\n')
    process.exit(0)
  }, ms).unref()
}

async function stop(backspace: Backspace, graceMs: number): Promise<void> {
  try {
    await backspace.stop(graceMs)
    process.exit(0)
  } catch (error) {
    backspace.logger.error({ err: error }, 'could not shut down cleanly')
    process.exit(1)
  }
}

function warnings(config: Config, openFiles: readonly string[]): string[] {
  const { github, models, role, web } = config
  const found: string[] = []
  if (!github.app && !github.pat)
    found.push(
      'GitHub is not set up, so no run can start. The page /setup does it, and `npm run doctor` lists what is missing.',
    )
  if ((role === 'worker' || github.app) && !web.publicUrl)
    found.push('PUBLIC_URL is not set, so comments and pull requests do not link to the run page.')
  for (const [name, url] of [
    ['ANTHROPIC_BASE_URL', models.anthropic?.baseUrl],
    ['OPENAI_BASE_URL', models.openai?.baseUrl],
    ...Object.entries(models.compatible).map(
      ([name, { baseUrl }]) => [`The address of ${name}`, baseUrl] as const,
    ),
  ] as const)
    if (url !== undefined && new URL(url).username + new URL(url).password !== '')
      found.push(`${name} has a user name or a password in it, so no request can be sent to it. Take it out.`)
  for (const file of openFiles)
    found.push(`Every user of this machine may read ${file}, which holds keys. Run: chmod 600 ${file}`)
  return found
}

async function giveReason(error: unknown): Promise<void> {
  const { knownError } = await import('./errors.ts')
  const { createRedact } = await import('./secrets/redact.ts')
  const said = knownError(error)?.userMessage ?? (error instanceof Error ? error.message : String(error))
  // Reading the settings may have failed, so no secret is known by value; only secrets with a typical shape are masked.
  process.stderr.write(`${createRedact([])(said)}\n`)
  process.exit(1)
}
