import { createBackspace } from './backspace.ts'
import { readConfig } from './config.ts'
import { knownError } from './errors.ts'

/** Running runs get this long to finish after SIGTERM before they are handed over. */
const GRACE_MS = 20_000

async function main(): Promise<void> {
  const config = readConfig()
  const backspace = await createBackspace(config)
  const { url } = await backspace.start()
  backspace.logger.info({ url }, `Backspace listens on ${url}`)
  if (!config.github.app && !config.github.pat) {
    backspace.logger.warn('GitHub is not set up, so no run can start. `npm run doctor` says what to set.')
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      backspace.logger.info({ signal }, 'stopping')
      backspace.stop(GRACE_MS).then(
        () => process.exit(0),
        (error: unknown) => {
          backspace.logger.error({ err: error }, 'could not stop cleanly')
          process.exit(1)
        },
      )
    })
  }
}

main().catch((error: unknown) => {
  const known = knownError(error)
  process.stderr.write(`${known?.userMessage ?? (error instanceof Error ? error.message : String(error))}\n`)
  process.exit(1)
})
