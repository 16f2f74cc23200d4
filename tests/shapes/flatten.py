"""What the configurations of this folder must give, made without the program: plain loops over parsed documents.

Each function takes the parsed document of its shape and returns {table: [row, ...]}, a row being a dict in the order of
the table's columns. Rows without any value are left out by `tables`; a place in a list does not count as a value.
"""

import datetime


def part(value, *steps):
    """The value below keys and positions, or None."""
    for step in steps:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def items(value):
    return list(enumerate(value)) if isinstance(value, list) else []


def members(value):
    return list(value.values()) if isinstance(value, dict) else []


def instant(text):
    if text is None:
        return None
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(datetime.timezone.utc)
    return moment.isoformat()


def timeline(document):
    statuses, users, hashtags, links, mentions = [], [], [], [], []
    for _, status in items(part(document, "statuses")):
        name, user, entities = status.get("id"), status.get("user"), status.get("entities")
        statuses.append({
            "id": name, "created_at": status.get("created_at"), "text": status.get("text"),
            "truncated": status.get("truncated"), "reply_to": status.get("in_reply_to_status_id"),
            "retweets": status.get("retweet_count"), "user_id": part(user, "id")})  # fmt: skip
        users.append({
            "id": part(user, "id"), "screen_name": part(user, "screen_name"), "name": part(user, "name"),
            "followers": part(user, "followers_count"), "verified": part(user, "verified"),
            "url": part(user, "url")})  # fmt: skip
        for place, tag in items(part(entities, "hashtags")):
            hashtags.append({
                "status_id": name, "place": place, "tag": part(tag, "text"), "starts": part(tag, "indices", 0),
                "ends": part(tag, "indices", -1)})  # fmt: skip
        for _, link in items(part(entities, "urls")):
            links.append({"status_id": name, "url": part(link, "expanded_url"), "shown": part(link, "display_url")})
        for _, mention in items(part(entities, "user_mentions")):
            mentions.append({
                "status_id": name, "user_id": part(mention, "id"), "screen_name": part(mention, "screen_name")})  # fmt: skip
    return {"statuses": statuses, "users": users, "hashtags": hashtags, "links": links, "mentions": mentions}


def catalogue(document):
    events, topics, performances, prices, areas = [], [], [], [], []
    for event in members(part(document, "events")):
        events.append({"id": event.get("id"), "name": event.get("name"), "logo": event.get("logo")})
        for _, topic in items(event.get("topicIds")):
            topics.append({"event_id": event.get("id"), "topic_id": topic})
    for _, performance in items(part(document, "performances")):
        name = performance.get("id")
        performances.append({
            "id": name, "event_id": performance.get("eventId"), "start": performance.get("start"),
            "venue": performance.get("venueCode")})  # fmt: skip
        for _, price in items(performance.get("prices")):
            prices.append({
                "performance_id": name, "amount": price.get("amount"),
                "audience_id": price.get("audienceSubCategoryId")})  # fmt: skip
        for _, seat in items(performance.get("seatCategories")):
            for place, area in items(seat.get("areas")):
                areas.append({
                    "performance_id": name, "seat_category_id": seat.get("seatCategoryId"), "place": place,
                    "area_id": area.get("areaId")})  # fmt: skip
    names = [{"place": place, "name": name} for place, name in enumerate(members(part(document, "areaNames")))]
    return {"events": events, "event_topics": topics, "performances": performances, "prices": prices, "areas": areas,
            "area_names": names}  # fmt: skip


def events(document):
    rows, actors, repos, commits = [], [], [], []
    for _, event in items(document):
        name, actor, repo = event.get("id"), event.get("actor"), event.get("repo")
        rows.append({
            "id": name, "type": event.get("type"), "at": instant(event.get("created_at")),
            "public": event.get("public"), "actor_id": part(actor, "id"), "repo_id": part(repo, "id"),
            "ref": part(event, "payload", "ref")})  # fmt: skip
        actors.append({"id": part(actor, "id"), "login": part(actor, "login")})
        repos.append({"id": part(repo, "id"), "name": part(repo, "name")})
        for place, commit in items(part(event, "payload", "commits")):
            commits.append({
                "event_id": name, "place": place, "sha": commit.get("sha"), "message": commit.get("message"),
                "email": part(commit, "author", "email"), "fresh": commit.get("distinct")})  # fmt: skip
    return {"events": rows, "actors": actors, "repos": repos, "commits": commits}


def listing(documents):
    products, pages = [], []
    for line in documents:
        rating, reviews = part(line, 5), part(line, 7)
        products.append({
            "asin": part(line, 0), "brand": part(line, 1), "title": part(line, 2),
            "rating": None if isinstance(rating, str) else rating, "reviews": None if isinstance(reviews, str) else reviews,
            "prices": part(line, 8)})  # fmt: skip
        pages.append({"asin": part(line, 0), "url": part(line, 3), "image": part(line, 4)})
    return {"products": products, "pages": pages}


def builds(document):
    node = document.get("nodeName")
    nodes = [{
        "node": node, "mode": document.get("mode"), "executors": document.get("numExecutors"),
        "quieting": document.get("quietingDown"), "first_label": part(document, "assignedLabels", 0, "name")}]  # fmt: skip
    jobs = [
        {"place": place, "name": job.get("name"), "url": job.get("url"), "color": job.get("color"), "node": node}
        for place, job in items(document.get("jobs"))
    ]
    views = [{"name": view.get("name"), "url": view.get("url")} for _, view in items(document.get("views"))]
    return {"nodes": nodes, "jobs": jobs, "views": views}


def plugins(document):
    rows, labels, developers, dependencies = [], [], [], []
    for plugin in members(part(document, "plugins")):
        name, built = plugin.get("name"), plugin.get("buildDate")
        rows.append({
            "name": name, "title": plugin.get("title"), "version": plugin.get("version"),
            "released": instant(plugin.get("releaseTimestamp")),
            "built": built and datetime.datetime.strptime(built, "%b %d, %Y").date().isoformat(),
            "core": plugin.get("requiredCore")})  # fmt: skip
        for _, label in items(plugin.get("labels")):
            labels.append({"plugin": name, "label": label})
        for _, developer in items(plugin.get("developers")):
            developers.append({"plugin": name, "id": developer.get("developerId"), "name": developer.get("name")})
        for _, needed in items(plugin.get("dependencies")):
            dependencies.append({
                "plugin": name, "name": needed.get("name"), "version": needed.get("version"),
                "optional": needed.get("optional")})  # fmt: skip
    return {"plugins": rows, "labels": labels, "developers": developers, "dependencies": dependencies}


SHAPES = {shape.__name__: shape for shape in (timeline, catalogue, events, listing, builds, plugins)}


def tables(shape, document):
    def has_value(row):
        return any(value is not None for column, value in row.items() if column != "place")

    return {table: [row for row in rows if has_value(row)] for table, rows in SHAPES[shape](document).items()}
