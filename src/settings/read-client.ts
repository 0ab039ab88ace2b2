import { BackspaceError } from '../errors.ts'
import { readWebSettings, type WebSettings } from './sections.ts'
import { createSettingsReader, type Environment } from './settings-reader.ts'

/** What a command needs that talks to a Backspace, here or elsewhere. */
export interface ClientSettings extends WebSettings {
  /** BACKSPACE_URL; undefined: the one on this machine. */
  readonly elsewhere: string | undefined
}

/** @throws {BackspaceError} `config_invalid`, for these settings only: a client needs none of the others. */
export function readClientSettings(env: Environment): ClientSettings {
  const reader = createSettingsReader(env)
  const settings = { ...readWebSettings(reader), elsewhere: reader.url('BACKSPACE_URL') }
  if (reader.problems.length > 0) throw new BackspaceError('config_invalid', reader.problems.join('\n'))
  return settings
}
