# SPDX-License-Identifier: EUPL-1.2
"""What the shipped remarks on levels of a crisis say, for translation; a node's own stay as they
are written.
"""

from brug.web.languages import N_

WORDS = (
    N_(
        "The CSIRTs network exchanges on the incident, responds jointly and cooperates"
        " operationally; ENISA is its secretariat."
    ),
    N_("Directive (EU) 2022/2555 art. 15"),
    N_(
        "EU-CyCLONe coordinates large-scale incidents and crises: shared situational awareness,"
        " assessment of impact, advice to the political level."
    ),
    N_("Crisis authorities of the Member States (art. 9); the Commission in some cases"),
    N_("Directive (EU) 2022/2555 art. 16"),
    N_("The Council decides, with IPCR."),
    N_("Council Implementing Decision (EU) 2018/1993"),
    N_(
        "How the levels work together is the subject of the EU blueprint for cyber crisis"
        " management, a recommendation."
    ),
    N_("Council Recommendation of 6 June 2025, C/2025/3445"),
    N_(
        "Large-scale is an incident that exceeds what one Member State can respond to, or has"
        " significant impact on at least two."
    ),
    N_("Directive (EU) 2022/2555 art. 6(7)"),
    N_("Landelijk Crisisplan Digitaal; IAO, ICCb and MCCb; the CSIRT is the NCSC."),
    N_("Landelijk Crisisplan Digitaal"),
    N_("The names of the modes follow procedures that are not public."),
    N_("CSIRTs network, standard operating procedures"),
    N_("EU-CyCLONe, standard operating procedures"),
    N_("For an emerging or fading crisis; it is no activation."),
    N_("Existing reports are shared."),
    N_("The first mode of activation."),
    N_(
        "The Presidency; or the General Secretariat, the Commission and the EEAS in agreement,"
        " consulting the Presidency"
    ),
    N_("ISAA reports and the web platform."),
    N_("The second mode of activation."),
    N_(
        "The Presidency, after consulting the affected states, the Commission and the High"
        " Representative; by itself when article 222 TFEU is invoked"
    ),
    N_("Roundtables, response measures, ISAA reports."),
)
