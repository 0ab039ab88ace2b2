import { setImmediate } from 'node:timers/promises'
import { createSecureContext } from 'node:tls'
import nock from 'nock'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'

/** Answers the HTTP requests of a file's tests with `nock`, and lets none out. Other files of the worker are not touched. */
export function interceptRequests(): void {
  beforeAll(() => {
    if (!nock.isActive()) nock.activate()
  })
  beforeEach(() => nock.disableNetConnect())
  afterEach(async () => {
    nock.cleanAll()
    nock.enableNetConnect()
    // What nock puts in the place of TLS leaves an error with OpenSSL, a moment after the answer. Node blames it on the next
    // key that is read, in whatever test; a new context clears it.
    for (let turn = 0; turn < 5; turn++) await setImmediate()
    createSecureContext()
  })
  afterAll(() => nock.restore())
}
