// What does not fit a window of 320 px that fingers use: too wide, too small, or moving though the person wants rest.
// Links within a sentence are as high as its lines (WCAG 2.2, 2.5.8), and so are boxes inside a label that is large.
() => {
    const found = [];
    if (document.documentElement.scrollWidth > innerWidth) found.push("scrolls sideways at 400%");
    const named = (element) => `${element.localName}.${element.className} "${element.textContent.trim().slice(0, 30)}"`;
    for (const element of document.querySelectorAll("a[href], button, summary, select, input:not([type=hidden])")) {
        const target = element.closest("label") || element;
        const box = target.getBoundingClientRect();
        if (!element.checkVisibility({ visibilityProperty: true }) || box.width < 2) continue;
        const label = element.labels?.[0];
        const height = Math.max(box.height, label ? label.getBoundingClientRect().height : 0);
        const sentence = element.localName === "a" && getComputedStyle(element).display === "inline" &&
            [...element.parentElement.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
        const skip = element.matches(".skip-link, .visually-hidden *");
        if (height < 43.5 && !sentence && !skip) {
            found.push(`only ${Math.round(height)} px high for a finger: ${named(element)}`);
        }
    }
    for (const element of document.querySelectorAll("*")) {
        const style = getComputedStyle(element);
        const times = [style.transitionDuration, style.animationDuration];
        if (times.some((one) => parseFloat(one) > 0)) found.push(`moves: ${named(element)}`);
    }
    return [...new Set(found)];
}
