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
    // The many runs at this machine ask it a thousand things; the embedded database would take a third of the time.
    // No scene is about clean sandboxes, so these are left to `npm run redteam` too.
    const database = place === 'local' ? 'shared' : 'embedded'
    if (missing === undefined) target = await startTarget(place, { database })
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
