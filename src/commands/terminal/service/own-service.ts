import { readConfig } from '../../../config.ts'
import { BackspaceError, knownError } from '../../../errors.ts'
import { readClientSettings } from '../../../settings/read-client.ts'
import type { Environment } from '../../../settings/settings-reader.ts'
import { ownAddress, tokenFor } from './find-service.ts'
import { isThere, type ReachedService } from './reached-service.ts'

/** A Backspace that runs in this process. */
interface OwnService {
  readonly service: ReachedService
  /** Closes the service and hands over runs that have not ended: the next Backspace that starts continues them. */
  close(): Promise<void>
}

/**
 * Returns a function that opens a Backspace in this process, with the settings of this machine.
 *
 * @returns undefined if one is running already, or the settings name one elsewhere.
 * @throws {BackspaceError} `unavailable` if such a service could do nothing; the message says what to set.
 */
export async function planOwnService(env: Environment): Promise<(() => Promise<OwnService>) | undefined> {
  const settings = readClientSettings(env)
  const address = ownAddress(settings)
  if (settings.elsewhere !== undefined || (await isThere(address))) return undefined
  const config = readConfig({ ...env, HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'silent' })
  if (!config.github.app && !config.github.pat) {
    throw new BackspaceError(
      'unavailable',
      `No Backspace runs at ${address}, and GitHub is not set up here, so none can be started. Run npm start and open its setup page, or name a Backspace elsewhere: --url https://backspace.example. To try it without GitHub: npm run demo`,
    )
  }
  return async () => {
    // Loaded only when needed, so that a client of another service starts at once.
    const { createBackspace } = await import('../../../backspace.ts')
    const backspace = await createBackspace(config).catch((error: unknown) => {
      throw knownError(error)?.code === 'database_locked' ? runsElsewhere(address, error) : error
    })
    const { url } = await backspace.start()
    return {
      service: { url, token: tokenFor(url, settings), inThisProcess: true },
      close: () => backspace.stop(0),
    }
  }
}

function runsElsewhere(address: string, cause: unknown): BackspaceError {
  return new BackspaceError(
    'unavailable',
    `A Backspace runs on this data directory (DATA_DIR), but not at ${address}. Name its address with --url.`,
    { cause },
  )
}
