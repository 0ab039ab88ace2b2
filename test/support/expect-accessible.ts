import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type axe from 'axe-core'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** Each page reads it again, in half the time that the file with comments takes. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** The rules of WCAG 2.2 A and AA, and axe's own best practices. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/**
 * Fails with one line for each rule that the page breaks in the look that it has now: call it for light and for dark, and
 * for each state that shows something else. The page's security policy does not concern it.
 */
export async function expectAccessible(page: Page): Promise<void> {
  // A page that has just begun to load has no document yet.
  await page.waitForLoadState('load')
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(AXE)
  const options = JSON.stringify({ runOnly: RULES, resultTypes: ['violations'] })
  const { violations } = await page.evaluate<axe.AxeResults>(`axe.run(document, ${options})`)
  const found = violations.map(({ id, help, nodes }) => {
    const places = nodes.slice(0, 3).map(({ target, any }) => {
      const why = any[0]?.message ?? ''
      return `${target.join(' ')}${why === '' ? '' : ` (${why})`}`
    })
    return `${id}: ${help}: ${places.join('; ')}`
  })
  expect(found, found.join('\n')).toEqual([])
}
