import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createHomeMapping } from '../../../src/sandbox/local/home-mapping.ts'

const REAL = '/tmp/box-x1/home'
const mapping = createHomeMapping(REAL)

test.for([
  ['cat /home/user/a', `cat ${REAL}/a`],
  ["cd '/home/user' && ls", `cd '${REAL}' && ls`],
  ['--prefix=/home/user:/home/user/bin', `--prefix=${REAL}:${REAL}/bin`],
  ['/home/username/a', '/home/username/a'],
  ['/home/user.old', '/home/user.old'],
  ['/mnt/home/user/a', '/mnt/home/user/a'],
] as const)('%j goes in as %j', ([shown, real]) => {
  expect(mapping.toReal(shown)).toBe(real)
})

test('what comes out shows no path of the host', () => {
  expect(mapping.toShown(`at ${REAL}/a.js:1 (${REAL})`)).toBe('at /home/user/a.js:1 (/home/user)')
})

test('a path in output is found wherever the output is cut', () => {
  const piece = fc.constantFrom(REAL, REAL.slice(0, 5), '/tmp', 'text\n', '/', 'ü')
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.nat(40)), (pieces, cuts) => {
      const text = pieces.join('')
      let shown = ''
      const stream = mapping.createShownStream((part) => {
        shown += part
      })
      let rest = text
      for (const cut of cuts) {
        stream.write(rest.slice(0, cut))
        rest = rest.slice(cut)
      }
      stream.write(rest)
      stream.flush()
      expect(shown).toBe(mapping.toShown(text))
    }),
  )
})
