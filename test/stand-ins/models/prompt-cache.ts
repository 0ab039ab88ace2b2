import { createHash } from 'node:crypto'
import { tokensIn } from './script.ts'

/** Remembers beginnings of requests, as a provider's prompt cache does. */
export interface PromptCache {
  /**
   * @param blocks the request in order, each block canonical.
   * @param breakpoints after which blocks (by index) the beginning is kept for later requests.
   * @returns tokens in all, and how many of them an earlier request had already stored.
   */
  measure(blocks: readonly string[], breakpoints: readonly number[]): { total: number; read: number }
}

export function createPromptCache(): PromptCache {
  const stored = new Set<string>()
  return {
    measure(blocks, breakpoints) {
      const hash = createHash('sha256')
      const beginnings = blocks.map((block) => hash.update(`${block}\u0000`).copy().digest('hex'))
      const sizes = blocks.map(tokensIn)
      const hit = beginnings.findLastIndex((beginning) => stored.has(beginning))
      for (const index of breakpoints) {
        const beginning = beginnings[index]
        if (beginning !== undefined) stored.add(beginning)
      }
      return { total: sum(sizes), read: sum(sizes.slice(0, hit + 1)) }
    },
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
