import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { lookAtDatabase } from '../../src/commands/terminal/service/look-at-database.ts'
import { readConfig } from '../../src/config.ts'
import { createTokenKeeper } from '../../src/github/token-keeper.ts'
import { examine } from '../../src/readiness/examine.ts'
import type { Finding } from '../../src/readiness/finding.ts'
import { listParts } from '../../src/readiness/parts.ts'
import { createRedact } from '../../src/secrets/redact.ts'
import { createLazySandboxProvider } from '../../src/wiring/load-later.ts'
import { type GitHubStandIn, startGitHub } from '../stand-ins/github/start-github.ts'
import { githubEnvironment } from '../support/environment.ts'

/** One GitHub, with the repository acme/api, for the tests of a file. */
export function useParts() {
  let started: { readonly github: GitHubStandIn; readonly directory: string } | undefined
  beforeAll(async () => {
    const github = await startGitHub()
    await github.createRepository({ owner: 'acme', name: 'api', files: { a: 'a\n' } })
    started = { github, directory: await mkdtemp(join(tmpdir(), 'backspace-parts-')) }
  })
  afterAll(async () => {
    await started?.github.close()
    if (started) await rm(started.directory, { recursive: true, force: true })
  })
  const get = () => {
    if (!started) throw new Error('GitHub is not there yet')
    return started
  }

  /** What the checklist says about one part, with these settings besides GitHub's. */
  async function look(id: string, env: Readonly<Record<string, string>> = {}): Promise<Finding> {
    const { github, directory } = get()
    const own = { DATA_DIR: join(directory, 'data'), BACKSPACE_SANDBOX: 'unconfined' }
    const config = readConfig({ PATH: process.env.PATH, ...githubEnvironment(github), ...own, ...env })
    const tokens = createTokenKeeper({ apiUrl: config.github.apiUrl })
    const database = lookAtDatabase(config.database)
    const deps = { tokens, sandboxes: createLazySandboxProvider(config), database: database.open }
    const part = listParts(config, deps).find((each) => each.id === id)
    if (!part) throw new Error(`there is no part ${id}`)
    const finding = await examine(part, createRedact(config.secrets))
    await Promise.all([tokens.close(), database.close()])
    return finding
  }
  return { github: () => get().github, look }
}
