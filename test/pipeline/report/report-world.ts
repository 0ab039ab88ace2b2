import { afterAll, beforeAll } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import type { GitHubAccess } from '../../../src/github/github-access.ts'
import { createGitHubAccess } from '../../../src/github/github-access.ts'
import { type GitHubStandIn, startGitHub } from '../../stand-ins/github/start-github.ts'
import { openSharedDatabase } from '../../support/shared-postgres.ts'

/** `acme/api`, where ada may write. */
export const REPO = 'acme/api'

export interface ReportWorld {
  readonly db: Database
  readonly github: GitHubStandIn
  /** The App's access to it, which never waits. */
  readonly access: () => GitHubAccess
}

/** A database, and GitHub with the App on one repository, for all tests of a file; call it at the top of the file. */
export function prepareReports(): () => ReportWorld {
  let world: ReportWorld | undefined
  beforeAll(async () => {
    const db = await openSharedDatabase()
    const github = await startGitHub()
    const collaborators = { ada: 'write' } as const
    await github.createRepository({ owner: 'acme', name: 'api', collaborators, files: { a: 'a' } })
    const access = () =>
      createGitHubAccess({
        app: { id: github.appId, privateKey: github.privateKey },
        apiUrl: github.apiUrl,
        webUrl: github.url,
        pause: async () => {},
      })
    world = { db, github, access }
  })
  afterAll(async () => {
    await world?.github.close()
    await world?.db.close()
  })
  return () => {
    if (!world) throw new Error('the world is not ready yet')
    return world
  }
}
