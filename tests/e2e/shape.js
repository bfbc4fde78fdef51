// What a page is made of: elements with their classes and states, each kind once among its siblings, without words.
() => {
    const of = (element) => {
        const states = [...element.attributes].filter((one) => /^(aria-(?!label|controls)|role|type|disabled|class)/.test(one.name));
        const inside = new Set([...element.children].map(of));
        return element.localName + states.map((one) => `[${one.name}=${one.value}]`).sort().join("") + `(${[...inside].join("")})`;
    };
    return of(document.body);
}
