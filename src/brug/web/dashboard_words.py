# SPDX-License-Identifier: EUPL-1.2
"""What widgets, their options and the lines of their lists are called on pages."""

from brug.web.languages import N_

TITLES = {
    "EventEvolutionLineWidget": N_("Published events by month"),
    "EventStreamWidget": N_("Newest events"),
    "MispStatusWidget": N_("What is new for you"),
    "NewOrgsWidget": N_("New organisations"),
    "OrgContributionToplistWidget": N_("Who contributes most"),
    "OrgEvolutionLineWidget": N_("Organisations by month"),
    "OrganisationListWidget": N_("Organisations by country"),
    "RecentSightingsWidget": N_("Newest sightings"),
    "TrendingAttributesWidget": N_("Most frequent values"),
    "TrendingTagsWidget": N_("Most used tags"),
    "UsageDataWidget": N_("How much there is"),
    "WhoamiWidget": N_("Who you are here"),
}
ABOUT = {
    "EventEvolutionLineWidget": N_("How many of the events that you see were published, by month."),
    "EventStreamWidget": N_("The newest events that you see, by filters of yours."),
    "MispStatusWidget": N_("What changed since you were here, and what waits for an answer."),
    "NewOrgsWidget": N_("The organisations that came last."),
    "OrgContributionToplistWidget": N_("Who created most of the events that you see."),
    "OrgEvolutionLineWidget": N_("How many organisations there were, by month."),
    "OrganisationListWidget": N_("In which countries the organisations on this node are."),
    "RecentSightingsWidget": N_("The newest sightings that you see."),
    "TrendingAttributesWidget": N_("The values that occur most in what you see."),
    "TrendingTagsWidget": N_("The tags that are on most of the events that you see."),
    "UsageDataWidget": N_("Counts of what you see, and of people and organisations."),
    "WhoamiWidget": N_("Your account, role and organisation, and when you signed in."),
}
LABELS = {
    "time_window": N_("How far back"),
    "last": N_("How far back"),
    "threshold": N_("How many at most"),
    "limit": N_("How many at most"),
    "days": N_("How many days back"),
    "include": N_("Only names with one of these in it"),
    "exclude": N_("Leave out"),
    "filter_event_tags": N_("Only events with one of these tags"),
    "over_time": N_("Day by day"),
    "cumulative": N_("Summed up"),
    "type": N_("Types"),
    "category": N_("Categories"),
    "tags": N_("Tags"),
    "orgs": N_("Organisations"),
    "published": N_("Published ones only"),
    "fields": N_("Columns"),
}
WINDOWS = {
    "1d": N_("The past day"),
    "7d": N_("The past 7 days"),
    "30d": N_("The past 30 days"),
    "90d": N_("The past 90 days"),
    "365d": N_("The past year"),
    "-1": N_("All time"),
}
# Lines of lists, as the widgets name them.
LINES = {
    "Events modified": N_("Events changed"),
    "Events published": N_("Events published"),
    "Pending proposals": N_("Open proposals"),
    "Events with proposals": N_("Events with proposals"),
    "Delegation requests": N_("Requests to take an event over"),
    "Events": N_("Events"),
    "Attributes": N_("Values"),
    "Attributes / event": N_("Values per event"),
    "Active proposals": N_("Open proposals"),
    "Users": N_("Users"),
    "Users with PGP keys": N_("Users with an OpenPGP key"),
    "Organisations": N_("Organisations"),
    "Local organisations": N_("Organisations that use this node"),
    "Event creator orgs": N_("Organisations that created events"),
    "Average users / org": N_("Users per organisation"),
    "Email": N_("E-mail address"),
    "Role": N_("Role"),
    "Organisation": N_("Organisation"),
    "Last logins": N_("Last sign-ins"),
    "Sighting": N_("Seen"),
    "False positive": N_("False positive"),
    "Expiration": N_("Expired"),
}
# What a line over time counts, where it is no tag.
SERIES = frozenset({"Events", "Organisations"})
# Where the lines of a person's status lead.
PLACES = {
    "Events modified": "/intelligence/events",
    "Events published": "/intelligence/events?published=1",
}
COLUMNS = {
    "id": N_("Number"),
    "orgc": N_("Organisation"),
    "info": N_("Title"),
    "tags": N_("Tags"),
    "threat_level": N_("Threat level"),
    "analysis": N_("Analysis"),
    "date": N_("Date"),
    "date_created": N_("Since"),
    "name": N_("Name"),
    "uuid": N_("UUID"),
    "sector": N_("Sector"),
    "nationality": N_("Country"),
    "type": N_("Kind"),
}
