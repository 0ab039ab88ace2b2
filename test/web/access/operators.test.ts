import { expect, test } from 'vitest'
import { createIsOperator } from '../../../src/web/access/operators.ts'
import { RIGHTS } from '../../../src/web/access/token-store.ts'

const person = (owner: string, personId: number) => ({
  name: owner,
  owner,
  personId,
  credential: `person:${personId}`,
  repositories: ['*/*'],
  rights: RIGHTS,
})
const token = { name: 'ci', credential: 'token:1', repositories: ['*/*'], rights: RIGHTS }

test('operators are this machine, tokens for everything that have no owner, and the people of OPERATORS', () => {
  const isOperator = createIsOperator(['octocat', '583231'])
  expect(isOperator({ ...token, name: 'local', credential: 'local' })).toBe(true)
  expect(isOperator(token)).toBe(true)
  expect(isOperator({ ...token, repositories: ['acme/*'] })).toBe(false)
  expect(isOperator({ ...token, rights: ['read'] })).toBe(false)
  expect(isOperator({ ...token, rights: ['start', 'metrics'] })).toBe(false)
  expect(isOperator({ ...token, owner: 'octocat' })).toBe(false)
  expect(isOperator(person('OctoCat', 1))).toBe(true)
  expect(isOperator(person('renamed', 583231))).toBe(true)
  expect(isOperator(person('eve', 2))).toBe(false)
  // A login made of digits is not the account with that number.
  expect(isOperator(person('583231', 3))).toBe(false)
})
