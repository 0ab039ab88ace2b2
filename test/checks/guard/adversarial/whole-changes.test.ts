import { expect, test } from 'vitest'
import { readChanges } from './both-sides.ts'
import { reasonsFor } from './reasons-for.ts'

const ALL = [
  'javascript',
  'python',
  'other-languages',
  'scripts',
  'third-batch',
  'fourth-batch',
  'fifth-batch',
  'sixth-batch',
  'seventh-batch',
  'eighth-batch',
  'ninth-batch',
  'tenth-batch',
  'eleventh-batch',
].flatMap(readChanges)

test.each(ALL)('$what: a reason for a draft', async ({ files }) => {
  expect(await reasonsFor(files)).not.toEqual([])
})
