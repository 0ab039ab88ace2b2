import { expect, test } from 'vitest'
import { preparePipelines } from '../pipeline-world.ts'
import { outcomeOf, seen, startVerifying } from '../verify/verified-run.ts'

const startPipeline = preparePipelines()

/** The check of the base commit is `make test`, which fails until `lib.txt` says `good`. */
test('an edit of how checks run is a note if they say the same without it in the clean sandbox', async () => {
  const world = await startVerifying(startPipeline)
  const work = seen("echo good > lib.txt; sed -i 's|sh tests|sh ./tests|' Makefile")
  const { draft, body, verification } = await outcomeOf(world, await world.run({}, work))
  expect(verification.checks).toMatchObject([{ verdict: 'fixed' }])
  expect(body).toContain('`Makefile` changes what the checks run; the checks say the same without this edit')
  expect(draft).toBe(false)
})
