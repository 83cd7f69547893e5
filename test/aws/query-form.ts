import type { Members, Shape } from '../../broker/wire/aws-shape.ts'

/** The form by which old clients call `action`, from what a client of today sends as JSON. */
export function queryForm(action: string, input: object, members: Members): URLSearchParams {
  const form = new URLSearchParams({ Action: action, Version: '2012-11-05' })
  for (const [name, value] of Object.entries(input)) put(form, name, value, members[name])
  return form
}

function put(form: URLSearchParams, name: string, value: unknown, shape: Shape | undefined): void {
  if (value === undefined || value === null) return
  if (shape?.type === 'list' && Array.isArray(value)) {
    const list = shape.flattened === undefined ? `${name}.member` : nextTo(name, shape.flattened)
    for (const [i, each] of value.entries()) put(form, `${list}.${i + 1}`, each, shape.of)
  } else if (shape?.type === 'map' && typeof value === 'object') {
    const map = nextTo(name, shape.flattened ?? `${name.slice(name.lastIndexOf('.') + 1)}.entry`)
    for (const [i, [key, each]] of Object.entries(value).entries()) {
      form.append(`${map}.${i + 1}.${shape.keyName ?? 'key'}`, key)
      put(form, `${map}.${i + 1}.${shape.valueName ?? 'value'}`, each, shape.of)
    }
  } else if (shape?.type === 'structure' && typeof value === 'object') {
    for (const [each, inner] of Object.entries(value)) put(form, `${name}.${each}`, inner, shape.members[each])
  } else form.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value))
}

/** `flattened` in the place of the last part of `name`. */
function nextTo(name: string, flattened: string): string {
  return name.slice(0, name.lastIndexOf('.') + 1) + flattened
}
