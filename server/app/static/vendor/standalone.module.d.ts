// The types of standalone.module.js, for the check of our own files; never sent to a phone.
type Attributes = { [name: string]: any };
type Dispatch<T> = (next: T | ((before: T) => T)) => void;
export type Children = any;
export type VNode = { readonly type: any; readonly props: Attributes; readonly key: any };
export function html(strings: TemplateStringsArray, ...values: any[]): any;
export function h(type: any, attributes?: Attributes | null, ...children: Children[]): VNode;
export function render(node: any, parent: Element): void;
export class Component<P = any, S = any> {
  constructor(props: P);
  props: P;
  state: S;
  setState(next: Partial<S>): void;
  render(props: P, state: S): any;
}
export function createContext<T>(value: T): { Provider: any; Consumer: any };
export function useState<T>(first: T | (() => T)): [T, Dispatch<T>];
export function useState<T = undefined>(): [T | undefined, Dispatch<T | undefined>];
export function useReducer<S, A>(reducer: (state: S, action: A) => S, first: S): [S, (action: A) => void];
export function useEffect(run: () => void | (() => void), on?: readonly any[]): void;
export function useLayoutEffect(run: () => void | (() => void), on?: readonly any[]): void;
export function useRef<T = any>(first?: T): { current: T };
export function useMemo<T>(make: () => T, on: readonly any[]): T;
export function useCallback<T>(run: T, on: readonly any[]): T;
export function useContext(context: any): any;
export function useErrorBoundary(caught?: (error: any) => void): [any, () => void];
