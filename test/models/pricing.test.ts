import { expect, test } from 'vitest'
import { priceTurn } from '../../src/models/pricing.ts'

const MILLION = 1_000_000
const AT = new Date('2026-11-22T00:00:00Z')

test('each kind of token has its own price', () => {
  const price = (usage: object, cacheWrite1h = 0) =>
    priceTurn({
      provider: 'anthropic',
      model: 'claude-opus-5-5',
      usage: { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, ...usage },
      cacheWrite1h,
      at: AT,
    })
  expect(price({ input: MILLION })).toBeCloseTo(4)
  expect(price({ output: MILLION })).toBeCloseTo(20)
  expect(price({ cacheRead: MILLION })).toBeCloseTo(0.2)
  expect(price({ cacheWrite: MILLION })).toBeCloseTo(5)
  expect(price({ cacheWrite: MILLION }, MILLION)).toBeCloseTo(8)
})

test('a model that the table does not know has no price, rather than none to pay', () => {
  const usage = { input: 10, cacheRead: 0, cacheWrite: 0, output: 10 }
  expect(priceTurn({ provider: 'openai', model: 'gpt-6.1-sol', usage, at: AT })).toBeUndefined()
  expect(priceTurn({ provider: 'anthropic', model: 'my-gateway-alias', usage, at: AT })).toBeUndefined()
})

test('a turn that the server did not count has no known price', () => {
  const usage = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 }
  expect(priceTurn({ provider: 'anthropic', model: 'claude-opus-5-5', usage, at: AT })).toBeUndefined()
})

test('counts that make no sense do not throw', () => {
  const usage = { input: -5, cacheRead: 10, cacheWrite: 0, output: 1 }
  expect(() => priceTurn({ provider: 'anthropic', model: 'claude-opus-5-5', usage, at: AT })).not.toThrow()
})

test('a scripted model is free', () => {
  const usage = { input: MILLION, cacheRead: 0, cacheWrite: 0, output: MILLION }
  expect(priceTurn({ provider: 'scripted', model: 'demo', usage })).toBe(0)
})
