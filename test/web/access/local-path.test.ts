import { expect, test } from 'vitest'
import { localPath } from '../../../src/web/access/local-path.ts'

test.each([
  ['/', '/'],
  ['/runs/a-1', '/runs/a-1'],
  ['/runs/a-1#42', '/runs/a-1#42'],
  ['/runs/a-1?view=split&q=fix(a)#e12', '/runs/a-1?view=split&q=fix(a)#e12'],
  ['/?repository=acme%2Fapi', '/?repository=acme%2Fapi'],
  // A fragment that is no plain one is left out; the page is still the right one.
  ['/runs/a-1#<script>', '/runs/a-1'],
  ['/runs/a-1#a#b', '/runs/a-1'],
  ['/runs/../runs/a', '/runs/a'],
  ['', '/'],
  [null, '/'],
  ['runs/a', '/'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/./%2e//evil.example', '/'],
  ['/x/../..//evil.example', '/'],
  ['/%2f%2fevil.example', '/%2f%2fevil.example'],
  ['/\u2028/evil.example', '/'],
  ['/ /evil.example', '/'],
  ['/auth/github/callback?code=1', '/'],
  ['/x/../auth/github', '/'],
  ['/shared/bss_x', '/'],
  ['/logout', '/'],
  [`/runs?text=${"'".repeat(200)}`, '/'],
  [`/runs/${'a'.repeat(390)}#${'b'.repeat(100)}`, '/'],
])('a sign-in that is to lead to %j leads to %s', (asked, path) => {
  expect(localPath(asked)).toBe(path)
})
