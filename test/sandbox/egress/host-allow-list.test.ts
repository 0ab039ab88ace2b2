import { expect, test } from 'vitest'
import { isHostAllowed } from '../../../src/sandbox/egress/allowed-hosts.ts'

test.for([
  ['pypi.org', ['pypi.org'], true],
  ['PyPI.org.', ['pypi.org'], true],
  ['files.pypi.org', ['pypi.org'], false],
  ['a.example.org', ['*.example.org'], true],
  ['a.b.example.org', ['*.example.org'], true],
  ['example.org', ['*.example.org'], false],
  ['notexample.org', ['*.example.org'], false],
  ['anything.org', ['*.'], false],
  ['anything.org', ['*'], false],
  ['10.0.0.1', ['10.0.0.1'], false],
  ['::1', ['::1'], false],
  ['', ['', '*.'], false],
  ['a b.example.org', ['*.example.org'], false],
] as const)('%s on the list %j: %s', ([host, list, expected]) => {
  expect(isHostAllowed(host, list)).toBe(expected)
})
