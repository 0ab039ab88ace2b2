import { BackspaceError } from '../errors.ts'
import { readWebSettings, type WebSettings } from './sections.ts'
import { createSettingsReader, type Environment } from './settings-reader.ts'

/** Settings for a command that talks to a Backspace, on this machine or elsewhere. */
export interface ClientSettings extends WebSettings {
  /** BACKSPACE_URL; undefined for the Backspace on this machine. */
  readonly elsewhere: string | undefined
}

/**
 * Reads only the settings that a client needs.
 *
 * @throws {BackspaceError} `config_invalid` for these settings.
 */
export function readClientSettings(env: Environment): ClientSettings {
  const reader = createSettingsReader(env)
  const settings = { ...readWebSettings(reader), elsewhere: reader.url('BACKSPACE_URL') }
  if (reader.problems.length > 0) throw new BackspaceError('config_invalid', reader.problems.join('\n'))
  return settings
}
