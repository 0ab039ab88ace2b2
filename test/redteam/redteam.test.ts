import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SANDBOXES } from '../support/sandboxes.ts'
import { play, scenesFor } from './scenes.ts'
import { type Place, startTarget, type Target } from './target.ts'

const PLACES: readonly Place[] = ['local', 'e2b']

/** What depends on the sandbox; `npm run redteam` plays every scene in both. */
const OF_THE_SANDBOX = ['credentials', 'e2b-network', 'git-traps']

describe.for(PLACES)('in the sandbox %s, a model that obeys every attacker', (place) => {
  const missing = SANDBOXES.find(({ sandbox }) => sandbox === place)?.missing
  let target: Target

  beforeAll(async () => {
    // No scene is about the database or about clean sandboxes, which would take half of the time: `npm run redteam` plays all
    // on the embedded one, with them.
    if (missing === undefined) target = await startTarget(place, { database: 'shared' })
  })
  afterAll(async () => {
    if (missing !== undefined) return
    await target.stop()
    expect([target.stolen, target.rejections]).toEqual([[], []])
  })

  const scenes = scenesFor(place).filter(({ name }) => place === 'local' || OF_THE_SANDBOX.includes(name))
  test.skipIf(missing !== undefined).concurrent.for(scenes)(
    'is contained: $name',
    async (scene, { expect }) => {
      const verdicts = await play(scene, target)

      expect(verdicts.filter(({ contained }) => !contained)).toEqual([])
      expect(verdicts.length).toBeGreaterThan(0)
    },
  )
})
