import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyEdits } from '../../../src/agent/tools/apply-edits.ts'
import { boundText, numberLines } from '../../../src/agent/tools/bounded-output.ts'

const lines = fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 200 })
const text = lines.map((list) => list.join('\n'))
const limit = fc.integer({ min: 40, max: 2000 })

test('text that fits stays as it is; longer text keeps its head and tail and says so', () => {
  fc.assert(
    fc.property(text, limit, (whole, max) => {
      const bounded = boundText(whole, max)
      if (whole.length <= max) {
        expect(bounded).toBe(whole)
        return
      }
      // The line that says how much is missing comes on top.
      expect(bounded.length).toBeLessThanOrEqual(max + 60)
      const [head = '', missing, tail = ''] = bounded.split(/\n\[… (\d+) characters left out …\]\n/)
      expect(whole.startsWith(head)).toBe(true)
      expect(whole.endsWith(tail)).toBe(true)
      const dropped = whole.slice(head.length, whole.length - tail.length)
      // A line break between the head and the note replaces the one that was there.
      expect([dropped.length, dropped.length - 1]).toContain(Number(missing))
    }),
  )
})

test('numbered lines are whole, in order, as many as fit, and at least one', () => {
  fc.assert(
    fc.property(lines, limit, fc.integer({ min: 1, max: 9999 }), (list, max, first) => {
      const single = list.map((line) => line.replaceAll('\n', ' '))
      const { text: shown, count } = numberLines(single, { first, max })
      expect(count).toBeGreaterThanOrEqual(Math.min(1, single.length))
      if (count > 1) expect(shown.length).toBeLessThanOrEqual(max)
      const expected = single.slice(0, count).map((line, at) => `${String(first + at).padStart(6)}\t${line}`)
      expect(shown).toBe(expected.join('\n'))
    }),
  )
})

test('an edit touches what it names and nothing else', async () => {
  const piece = fc.string({ unit: 'binary', maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(piece, piece, piece, async (before, after, added) => {
      const wanted = '<<only here>>'
      const whole = before + wanted + after
      fc.pre(whole.split(wanted).length === 2)
      const edited = await applyEdits(whole, [{ old_string: wanted, new_string: added }])
      if (added === wanted) {
        expect(edited.ok).toBe(false)
        return
      }
      const isCrlf = whole.includes('\r\n') && !/(?<!\r)\n/.test(whole)
      const written = isCrlf ? added.replaceAll(/(?<!\r)\n/g, '\r\n') : added
      expect(edited).toMatchObject({ ok: true, text: before + written + after })
    }),
  )
})
