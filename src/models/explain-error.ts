import type { ModelErrorClass } from './model-error.ts'

/** A provider as people know it, and where they mend what is wrong with it. */
export interface ProviderFacts {
  readonly name: string
  readonly keyVariable: string
  readonly urlVariable: string
  /** `Billing in the Claude Console` */
  readonly billingPage: string
}

/** One line for people on why a model did not answer: what happened, and what to check. */
export function explainError(
  errorClass: ModelErrorClass,
  {
    provider,
    model,
    status,
  }: { readonly provider: ProviderFacts; readonly model: string; readonly status: number | undefined },
): string {
  const { name, keyVariable, urlVariable, billingPage } = provider
  const answered = status === undefined ? '' : ` (status ${status})`
  switch (errorClass) {
    case 'overloaded':
      return `${name} is overloaded${answered}.`
    case 'rate_limited':
      return `${name}’s rate limit is reached${answered}.`
    case 'billing':
      return `The ${name} account has no credit or reached its spend limit${answered}; see ${billingPage}.`
    case 'auth':
      return `${name} refused the key${answered}; check ${keyVariable} and what it may do.`
    case 'model_missing':
      return `${name} does not know the model ${model}${answered}; check BACKSPACE_MODELS and ${urlVariable}.`
    case 'context':
      return `The request is too long for ${model}${answered}.`
    case 'thinking':
    case 'bad_request':
      return `${name} rejected the request${answered}.`
    case 'refusal':
      return `${model} declined to go on.`
    case 'hang':
    case 'transient':
      return status === undefined
        ? `The connection to ${name} failed or broke off.`
        : `${name} failed${answered}.`
  }
}
