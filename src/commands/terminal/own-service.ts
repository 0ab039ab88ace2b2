import { readConfig } from '../../config.ts'
import { BackspaceError } from '../../errors.ts'
import { readClientSettings } from '../../settings/read-client.ts'
import type { Environment } from '../../settings/settings-reader.ts'
import { ownAddress, tokenFor } from './find-service.ts'
import { isThere, type ReachedService } from './reached-service.ts'

/** A Backspace that runs in this process. */
export interface OwnService {
  readonly service: ReachedService
  /** Hands over what has not ended: the next Backspace that starts goes on with it. */
  close(): Promise<void>
}

/**
 * A Backspace with the settings of this machine, if none is running: it works until it is closed.
 *
 * @returns undefined if one is running.
 * @throws {BackspaceError} `config_invalid` if it could do nothing: what to set.
 */
export async function openOwnService(env: Environment): Promise<OwnService | undefined> {
  const settings = readClientSettings(env)
  const address = ownAddress(settings)
  if (settings.elsewhere !== undefined || (await isThere(address))) return undefined
  const { github, ...config } = readConfig({ ...env, HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'silent' })
  if (!github.app && !github.pat) {
    throw new BackspaceError(
      'config_invalid',
      `No Backspace runs at ${address}, and GitHub is not set up here, so none can be started. Run npm start and open its setup page, or name a Backspace elsewhere: --url https://backspace.example. To try it without GitHub: npm run demo`,
    )
  }
  // Loaded only where it is needed: a client of another service starts at once.
  const { createBackspace } = await import('../../backspace.ts')
  const backspace = await createBackspace({ ...config, github })
  const { url } = await backspace.start()
  return {
    service: { url, token: tokenFor(url, settings), inThisProcess: true },
    close: () => backspace.stop(0),
  }
}
