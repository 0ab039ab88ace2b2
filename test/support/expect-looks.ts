import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { expectAccessible } from './expect-accessible.ts'

const LOOKS = [
  { colorScheme: 'light', width: 1440 },
  { colorScheme: 'dark', width: 390 },
  { colorScheme: 'dark', width: 1440 },
  { colorScheme: 'light', width: 390 },
] as const

/**
 * Fails if the page breaks a rule of accessibility, or is wider than the screen, in light or dark, on a desk or on a phone.
 *
 * @param which a page of several states need not have all four looks in each: `first` and `second` are two of them.
 */
export async function expectLooks(page: Page, which: 'all' | 'first' | 'second' = 'all'): Promise<void> {
  const looks = { all: LOOKS, first: LOOKS.slice(0, 2), second: LOOKS.slice(2) }[which]
  for (const { colorScheme, width } of looks) {
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme })
    await expectAccessible(page)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
  }
}
