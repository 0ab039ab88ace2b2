import { join } from 'node:path'
import { type Config, readConfig } from '../../src/config.ts'
import type { GitHubStandIn } from '../stand-ins/github/start-github.ts'
import { appEnvironment, githubEnvironment, networkEnvironment } from '../support/environment.ts'
import type { LiveSettings } from './live-settings.ts'

/**
 * The product's settings for the demo: GitHub is the stand-in; keys are ignored unless `live`.
 *
 * @param options.scripted use the turns that ship with the demo as the model.
 * @param options.sandbox `unconfined` only where no real model is used.
 */
export function demoConfig(options: {
  readonly github: GitHubStandIn
  /** A free port: comments and pull requests of the demo link to the service on it. */
  readonly port: number
  readonly directory: string
  readonly live: LiveSettings | undefined
  readonly scripted: boolean
  readonly sandbox: 'local' | 'unconfined' | undefined
}): Config {
  const { github, port, directory, live, scripted, sandbox } = options
  return readConfig({
    PATH: process.env.PATH,
    ...networkEnvironment(),
    ...live?.environment,
    ...(scripted ? { BACKSPACE_MODELS: `scripted:${join(import.meta.dirname, 'turns.json')}` } : {}),
    ...(sandbox ? { BACKSPACE_SANDBOX: sandbox } : {}),
    ...githubEnvironment(github),
    ...appEnvironment(github),
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATA_DIR: join(directory, 'data'),
    LOG_LEVEL: live ? 'warn' : 'error',
  })
}
