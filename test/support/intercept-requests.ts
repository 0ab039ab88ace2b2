import nock from 'nock'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'

/** Answers the HTTP requests of a file's tests with `nock`, and lets none out. Other files of the worker are not touched. */
export function interceptRequests(): void {
  beforeAll(() => {
    if (!nock.isActive()) nock.activate()
  })
  beforeEach(() => nock.disableNetConnect())
  afterEach(() => {
    nock.cleanAll()
    nock.enableNetConnect()
  })
  afterAll(() => nock.restore())
}
