import { type Backspace, createBackspace } from './backspace.ts'
import { type Config, readConfig } from './config.ts'
import { knownError } from './errors.ts'

/** Running runs get this long to finish after SIGTERM before they are handed over. */
const GRACE_MS = 20_000
/** Then whatever still hangs is left alone: the database knows everything, and others take over what was not handed. */
const LAST_MS = 28_000

async function main(): Promise<void> {
  const config = readConfig()
  const backspace = await createBackspace(config)
  const { url } = await backspace.start()
  backspace.logger.info({ url }, `Backspace listens on ${url}`)
  for (const warning of warnings(config)) backspace.logger.warn(warning)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      backspace.logger.info({ signal }, 'stopping')
      void stop(backspace)
    })
  }
}

async function stop(backspace: Backspace): Promise<void> {
  setTimeout(() => {
    backspace.logger.warn('something did not let itself be closed in time')
    process.exit(0)
  }, LAST_MS).unref()
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

main().catch((error: unknown) => {
  const known = knownError(error)
  process.stderr.write(`${known?.userMessage ?? (error instanceof Error ? error.message : String(error))}\n`)
  process.exit(1)
})
